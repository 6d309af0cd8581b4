# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022
SHELL ["powershell", "-Command"]
ENV P="C:\Program Files" Q=C:\x` y
COPY a`
  C:\b\
RUN dir C:\; `
    # inside
    exit 0
