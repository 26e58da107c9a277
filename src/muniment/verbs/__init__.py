"""The verbs of a case. The command line and the workbench call only this room."""
