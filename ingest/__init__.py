"""Files and pages into documents, passages, evidence units and an index: nothing here knows of questions.

Reading

    reading        files into documents in processes of their own, which may use so much and no more
    loaders        files into documents: one reader for each format behind one function
    decoding       what a file is, and bytes into text
    html           HTML and Markdown pages
    content        the part of an HTML tree that is the page
    panels         accordions and tabs
    tables         which rows of a table name columns, and which name the rows under them
    markup         the words of an element, as a browser would part them
    page_head      what a page says of itself: title, address, language, day of the last change
    plaintext      plain text as people copy it out of a browser
    pdf            PDF files: letters with places and styles, rules, properties
    docx           Word files
    printed        printed pages into headings, paragraphs, items and tables
    layout         the columns of a printed page
    lines          words on paper into lines
    ruled          tables with rules
    aligned        tables without rules
    grids          tables of printed texts into rows that know their header
    headings       which lines of a printed text are headings
    properties     what office files say of themselves
    navigation     telling what a page says from the site around it
    repetition     what a site repeats around its pages
    cleaning       the canonical text that every offset counts in
    dates          dates on pages
    money          numbers and sums of money on pages
    measures       the words of measure: periods of time, months, credits
    documents      the types: ``Document``, ``Block``, ``Passage``

Gathering

    gathering      places into files: folders as they are, pages of websites as copies on disk
    folders        the files to read in a folder, and the ids of their documents
    sources        what to read and how often: the sources.toml of a corpus folder
    crawling       from a source to its pages: one address, the list in a sitemap, or link after link
    visiting       going to a page as a guest: robots.txt, pauses, redirects
    fetching       one request to the web, and what came of it
    public_addresses  which network addresses are public
    web_addresses  one form for each address, which are of one site, and which lead nowhere
    robots         what a robots.txt says
    links          where a page or a sitemap leads to, and what a page wants to be done with it
    web_copies     the copies of pages in the data directory

Cutting

    chunking       documents into passages
    sentences      sentence boundaries
    units          the smallest pieces that can be quoted: sentences, list items, table rows, facts, blanks
    labelled       labels and their values on one line
    audiences      the people that a fact is for
    values         amounts, dates, durations and scores, found by form
    words          words and their stems

Indexing

    embedding      texts into vectors: which embedder there is, and what runs it
    question_vectors  the vectors of questions, those that come at a time embedded together
    reference_model  a model as sentence-transformers runs it
    onnx_model     a model as ONNX Runtime runs it, without PyTorch
    onnx_export    from the one to the other, compared
    prepared_models  exported models in the data directory
    packaged_model  the model that is installed with Prospectus
    batches        texts of like length together
    lexical        BM25 by words and by parts of words, and the nearness of words
    postings       the weight of each word in each text
    chroma         the vectors in Chroma
    annotations    what those who answer want to know of each page and passage, beside them
    hnsw           how Chroma finds near vectors
    index          one open generation, by vector, by words and by position
    mapped_arrays  arrays that stay on disk until they are read
    checking       whether a new generation gives back what was put in
    generations    generations on disk: folders, pointer, lock, manifest, hashes
    records        our types as JSON and back
    before         what the generation before holds: taken over, and compared with
    changes        pages and facts that differ from those before
    code_digest    which code made a thing that is kept
    journal        what is embedded so far, for the run after one that was interrupted
    data_directory  where in a data directory an ingest writes
    disk           the disk that an index is written to, and what is free on it
    building       a generation, embedded, written, checked and published
    pipeline       from places to a published generation, and what that changed
    errors         what can go wrong, drawn as a tree

Start at ``pipeline.ingest`` to follow a page in, at ``gathering.gather`` to see where it comes from, and at
``index.open_current`` to see what comes out.
"""
