"""The workbench: the web application on this machine, over the verbs of one case."""
