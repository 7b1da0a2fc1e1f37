def greet() -> str:
    return 'greetings from shared_code'
