"""From untrusted bytes to text, boxes and pixels, always inside the sandbox."""
