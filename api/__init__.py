"""Every way in: the command line and the HTTP API, both on the same service.

    command_line   the commands of ``prospectus``
    app            the HTTP application: puts the parts below together
    routes         the HTTP routes; they only translate
    streaming      a reply as server-sent events, and the contract of these events
    schemas        the JSON that goes in and out
    strict_json    request bodies, read strictly
    problems       errors as RFC 9457 problem documents, and the table from domain error to status
    service        the open generation, the swap to a newer one, a message's way to its reply
    conversations  what was said before, in memory
    backend        opens and builds the index; what commands and service stand on
    evaluate_command  asks a file of questions and measures the replies; compares two runs
    retriever      the index as a LangChain retriever
    evaluate_retrieval_command  measures retrieval on a judged set
    doctor         checks of an installation
    plain_text     replies and hits as text for a terminal
    progress       progress on a terminal
    settings       the settings, from the environment
    widget/        the demo page at ``/``

Follow a question from ``routes.chat`` to ``Service.answer`` to ``Assistant.reply``.
"""
