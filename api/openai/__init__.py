"""The routes for programs that speak OpenAI's language: the same checked replies in another envelope.

    routes      the HTTP routes; they only translate
    schemas     the JSON that goes in and out, and which parameters are refused
    messages    a list of messages as a question and what was asked before it
    completion  a reply as content with annotations, whole and in pieces
    chunks      a completion as a stream
    errors      errors as OpenAI words them

Nothing is kept: who asks sends the conversation along each time.
"""
