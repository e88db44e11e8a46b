"""Every way in: the command line and the HTTP API, both on the same service.

    command_line   the commands of ``prospectus``
    index_commands  those that change the index or list what is in it
    terminal       what the commands share: settings, words on standard error, exit status
    app            the HTTP application: puts the parts below together
    routes         the HTTP routes; they only translate
    routes_sessions  sessions for web pages
    routes_health  whether the server is alive and ready, and its figures
    streaming      a reply as server-sent events, and the contract of these events
    capacity       how many replies at a time, how many wait, how long each may take; a stop in order
    dependencies   what routes need of the application
    examples       the examples of the OpenAPI description
    openai/        the routes for programs that speak OpenAI's language
    schemas        the JSON that goes in and out
    strict_json    request bodies, read strictly
    problems       errors as RFC 9457 problem documents, and the table from domain error to status
    readiness      asks each generation a known question
    callers        who is calling; what routes ask for
    door           tells callers apart, counts them, lets in or refuses
    addresses      the address that a request comes from
    origins        the origins of web pages
    sessions       signed tokens of anonymous visitors
    limits         how often may be called
    middlewares    what every request and reply passes, in which order
    request_ids    an id for each request
    access         counts and logs each request
    security_headers  what keeps browsers from doing more with a reply than they should
    cors           the headers by which browsers learn which pages may call
    openapi        what the OpenAPI description says beyond the routes
    connections    what a connection may take: time and size of a request
    logs           the log: JSON or for a terminal, allowed fields only, redacted
    metrics        figures for Prometheus
    server         uvicorn, telling the application of a stop in time
    service        the open generation, the swap to a newer one, a message's way to its reply
    storage/       conversations, feedback and API keys, in a database
    routes_conversations  the routes for what is kept: export, erasure, feedback
    retention      erases what has been kept for as long as it may be
    keys_command   the commands ``prospectus keys``
    backend        opens and builds the index; what commands and service stand on
    chat_model     the language model that the settings name, its daily budget, what is wrong with it
    evaluate_command  asks a file of questions and measures the replies; compares two runs
    retriever      the index as a LangChain retriever
    evaluate_retrieval_command  measures retrieval on a judged set
    doctor         checks of an installation
    plain_text     replies and hits as text for a terminal
    progress       progress on a terminal
    settings       the settings, from the environment
    packaged_files  files that come with the package, as browsers get them
    widget_files   the widget as it is published, and the line that goes into a page
    widget/        the widget's script and texts, and the demo page at ``/``

Follow a question from ``routes.chat`` to ``Service.reply`` to ``Assistant.reply``.
"""
