"""Local servers that take multipart /v1/images/edits as OpenAI and others do, each in its own way.

server   a real HTTP server on loopback that plays one kind and keeps what it took
kinds    what each kind takes, refuses and answers
answers  the pictures and documents that they answer with
"""
