"""Flask: read a request, call one function, redirect or render."""
