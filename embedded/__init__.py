"""The installation on one machine: its services, their supervisor and the commands behind `./preceptor`.

Stands apart from the application: no Django here. The application knows these services only by their URLs.
"""
