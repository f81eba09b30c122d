"""Where images come from: official archives, parquet files, image folders, installed packages."""
