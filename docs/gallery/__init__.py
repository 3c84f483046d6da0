"""The kinds of exhibits that reports of this field print: a table of them, and the page that shows each one made.

python -m docs.gallery            # docs/gallery.md and the pictures beside it, made anew
"""
