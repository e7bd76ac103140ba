"""The files that a transcript, a summary or an acta is handed out as."""
