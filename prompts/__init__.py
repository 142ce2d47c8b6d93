"""The prompts, one TOML file each; README.md says why each exists."""
