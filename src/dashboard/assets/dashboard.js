/* The page is complete without this; it only keeps it up to date. */
