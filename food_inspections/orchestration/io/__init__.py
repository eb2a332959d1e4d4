"""How assets are kept and shown: IO managers, outputs, frame types, previews."""
