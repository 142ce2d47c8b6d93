"""The evaluation harness: extractions scored against hand-labelled gold. Installed as `extractor_eval`."""
