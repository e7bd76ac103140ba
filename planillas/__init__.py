"""Spreadsheets and reports that are filled in from the school's own sources, each cell with its evidence."""
