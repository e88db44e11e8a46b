"""A question into a checked, cited reply. Nothing here knows of HTTP or of files.

The story, in the order in which ``assistant.Assistant.reply`` tells it

    assistant      ``Assistant``: one question in, one checked reply out
    conversation   what may be asked, and the question that stands alone
    scope          small talk, and what this assistant is not for
    questions      a question, understood: its kind, its terms, and for whom it is asked
    retrieval      passages, by vector and by words, fused
    evidence       the sentences, items, rows and facts that speak to the question
    outcome        whether there is an answer, a blank, or nothing at all
    composing      from evidence to sentences, without a language model
    grounding      the gate: a sentence leaves with exact quotes, or not at all
    reply          the types of what leaves: ``Reply``, ``Sentence``, ``Citation``, ``Notice``

What understanding a question stands on

    focus          what of a message asks, without greeting and story, and its parts
    kinds          the shape of answer that a question calls for
    terms          its terms: names, concepts of the domain, plain words
    spelling       misspelt words, mended by those that pages, lexicon and dictionary know
    lexicon        which phrases of a question and of a page mean the same thing (``lexicon.toml``)
    countries      from a nationality or country to the fee group (``countries.toml``)
    vocabulary     how common a word is in English at large

What weighing evidence and composing stand on

    fields         texts as terms are looked up in them: units with their surroundings, passages, pages
    stated_values  whether a unit states the value that a question is after
    labels         a fact's label and audience as a sentence says them
    figures        numbers, names and their forms
    arithmetic     sums that a page leaves to its reader, every step shown
    links          links that open a page at the quoted words
    wording        the assistant's own words, read from ``locales/``

    evaluation/    question sets, how a reply is judged, and the figures that come of it
"""
