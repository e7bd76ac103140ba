"""A planilla as a file, one format a module: each has MEDIA_TYPE and write(sheet, path)."""
