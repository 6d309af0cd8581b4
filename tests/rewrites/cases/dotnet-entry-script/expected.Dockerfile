FROM mcr.microsoft.com/dotnet/sdk:8.0 AS builder
RUN apt-get update && apt-get install -y libgdiplus && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY . .
RUN chmod +x start.sh
RUN dotnet publish -c Release -o /app/publish

FROM mcr.microsoft.com/dotnet/aspnet:8.0
RUN apt-get update && apt-get install -y libgdiplus && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=builder /app/publish /app/publish
COPY --from=builder /app/start.sh /app/start.sh
ENTRYPOINT ["./start.sh"]
