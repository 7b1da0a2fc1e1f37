import logging

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="Items/{id:int}", methods=["GET", "POST"])
def items(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("item")


@app.function_name("MyTimer")
@app.timer_trigger(schedule="0 0 0 1 1 *", arg_name="timer", run_on_startup=False)
def my_timer(timer: func.TimerRequest) -> None:
    logging.info("the timer ran, past due: %s", timer.past_due)


@app.function_name("Failing")
@app.timer_trigger(schedule="0 0 0 1 1 *", arg_name="timer")
def failing(timer: func.TimerRequest) -> None:
    raise ValueError("this run fails")


@app.function_name("Disabled")
@app.timer_trigger(schedule="0 0 0 1 1 *", arg_name="timer")
def disabled(timer: func.TimerRequest) -> None:
    logging.info("the disabled function ran")


@app.function_name("Message")
@app.queue_trigger(arg_name="message", queue_name="q", connection="")
def message(message: func.QueueMessage) -> None:
    logging.info("the message is %s", message.get_body().decode())


@app.function_name("warmup")
@app.warm_up_trigger(arg_name="context")
def warmup(context) -> None:
    logging.info("the warm-up ran")
