import getpass

from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("", lambda request: HttpResponse(f"hello from {getpass.getuser()}", content_type="text/plain"))]
