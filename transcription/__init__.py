"""From a recording to a transcript that is read, heard, corrected, cited to the second and turned into an acta."""
