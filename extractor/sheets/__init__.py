"""What analysts open: records as the sheets of a workbook, or as a file a sheet, also in publishers' own layouts."""
