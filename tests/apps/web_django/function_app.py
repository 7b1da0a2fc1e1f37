"""One Django project behind both doors: /asgi/ by ASGI, /wsgi/ by WSGI."""

import hashlib

import azure.functions as func
import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="for tests",
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    FILE_UPLOAD_MAX_MEMORY_SIZE=1 << 16,
)
django.setup()


def seen(request, name):
    return JsonResponse(
        {"method": request.method, "path": request.path, "name": name, "x": request.GET.get("x")}
    )


def form(request):
    return JsonResponse(dict(request.POST.lists()))


def upload(request):
    file = request.FILES["file"]
    digest = hashlib.md5(b"".join(file.chunks())).hexdigest()
    note = request.POST["note"]
    return JsonResponse(
        {"name": file.name, "type": file.content_type, "md5": digest, "note": note}
    )


def cookies(request):
    response = HttpResponse("cookies")
    response.set_cookie("a", "1", samesite="Lax")
    response.set_cookie("b", "two words", httponly=True)
    return response


def moved(request):
    return redirect("/elsewhere")


def raising(request):
    raise ValueError("raised inside Django")


def streamed(request):
    return StreamingHttpResponse(f"piece {number}\n" for number in range(1000))


async def awaited(request):
    return HttpResponse("from an async view")


views = [
    ("seen/<name>", seen),
    ("form", form),
    ("upload", upload),
    ("cookies", cookies),
    ("moved", moved),
    ("raising", raising),
    ("streamed", streamed),
    ("awaited", awaited),
]
urlpatterns = [path(f"{door}/{end}", view) for door in ("asgi", "wsgi") for end, view in views]

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
METHODS = ["GET", "POST", "HEAD"]
by_asgi = func.AsgiMiddleware(get_asgi_application())
by_wsgi = func.WsgiMiddleware(get_wsgi_application())
app.function_name("by_asgi")(app.route("asgi/{*rest}", methods=METHODS)(by_asgi.main))
app.function_name("by_wsgi")(app.route("wsgi/{*rest}", methods=METHODS)(by_wsgi.main))
