FROM mcr.microsoft.com/dotnet/sdk:8.0-noble AS builder
WORKDIR /src
COPY . .
RUN dotnet publish Plugins/Plugins.csproj -c Release -o /app/plugins
RUN dotnet publish Host/Host.csproj -c Release -o /app/host

FROM mcr.microsoft.com/dotnet/runtime:8.0-noble
COPY --from=builder /app/host /app/host
COPY --from=builder /app/plugins /app/plugins
WORKDIR /app/host
ENTRYPOINT ["dotnet", "Host.dll"]
