"""The gallery: every issue that somebody would get, and all that is said, as pages to look at.

Each page stands alone in one file: style inside, no script but the list's filter, nothing from
elsewhere. So it can be opened from a folder, from a pipeline's artifacts, or sent by mail.
"""

from automation.render.gallery.sheets import Sheet, WordsSheet, sheet_of, words_sheet
from automation.render.gallery.site import Gallery, one_page

__all__ = ["Gallery", "Sheet", "WordsSheet", "one_page", "sheet_of", "words_sheet"]
