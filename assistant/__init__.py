"""A question into a checked, cited reply. Nothing here knows of HTTP or of files.

The story, in the order in which ``assistant.Assistant.reply`` tells it

    assistant      ``Assistant``: one question in, one checked reply out
    conversation   what may be asked, and the question that stands alone
    scope          small talk, and what this assistant is not for (``scope.toml``)
    questions      a question, understood: its kind, its terms, and for whom it is asked
    retrieval      passages, by vector and by words, fused
    evidence       the sentences, items, rows and facts that speak to the question
    outcome        whether there is an answer, a blank, or nothing at all
    confidence     how likely an answer is right, and how sure one must be to give it
    programmes     the same where several programmes fit: each one's answer, or which one is meant
    branches       what to say next where the answer depends on something
    composing      from evidence to sentences, without a language model
    claims         what a text claims, as words that can be compared (``paraphrases.toml``)
    language_model  what a language model is asked, what it gives, and how it fails
    langchain_model  a language model of any provider that LangChain knows, in time or not at all
    model_answer   a model's answer, as sentences and the evidence they name
    prompts        what a language model is asked (``prompts/``)
    notices        what to warn of: old pages, dates that have passed, contradictions, lines that break off
    written        which answers a language model may word, and when its words still answer
    generation     a language model's sentences, each checked against its evidence and repaired or dropped
    support        whether a sentence says what its quotes say, and nothing else
    grounding      the gate: a sentence leaves with exact quotes, or not at all
    reply          the types of what leaves: ``Reply``, ``Sentence``, ``Citation``, ``Notice``

What understanding a question stands on

    focus          what of a message asks, without greeting and story, and its parts
    kinds          the shape of answer that a question calls for
    visited        the page that a person is on, by its address
    subject        the pages that a question names: by title, in part, abbreviated, by level
    degrees        levels of degree and modes of study, as titles and questions write them
    terms          its terms: names, concepts of the domain, plain words
    languages      the language of a message, and what it says in English
    glossary       questions in other languages into English, by phrase tables (``glossary/``)
    spelling       misspelt words, mended by those that pages, lexicon and dictionary know
    lexicon        which phrases of a question and of a page mean the same thing (``lexicon.toml``)
    intents        what a question is after, told by the examples it resembles (``intents.toml``)
    countries      from a nationality or country to the fee group (``countries.toml``)
    residence      inside or outside a state, for whom universities in the United States set fees
    phrases        the noun phrases of a question, told by the small words around them
    antecedent     what a follow-up leans on: the last question, and what "it" stands for after it
    follow_up      a turn that leans on the one before, completed: one function for each type of turn
    replacing      half a question in the place of its like: "And in Amsterdam?"
    asker          who is asking: the fee group and the background, as far as they were told
    vocabulary     how common a word is in English at large

What weighing evidence and composing stand on

    coverage       how far units hold the terms of a question, by themselves or around them
    fields         texts as terms are looked up in them: units with their surroundings, passages, pages
    readings       what there is to know of pages and units whatever the question: read at ingest
    stated_values  whether a unit states the value that a question is after
    conflicts      facts that contradict each other, on pages about the same subject
    contacts       whom a page names for what it leaves open
    labels         a fact's label and audience as a sentence says them
    figures        numbers, names and their forms
    arithmetic     sums that a page leaves to its reader, every step shown
    links          links that open a page at the quoted words
    recent         what was made lately, to be given again
    wording        the assistant's own words, read from ``locales/``

What asking a language model stands on

    model_faults   which fault an exception of a provider's library stands for
    breaker        leaves a server alone that fails again and again
    loop_thread    an event loop beside threads that wait for what it does
    bounded_client  the HTTP client for OpenAI's package, which reads no more than an answer may take

    evaluation/    question sets, how a reply is judged, and the figures that come of it
"""
