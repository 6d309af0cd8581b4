FROM mcr.microsoft.com/dotnet/core/sdk:2.2-stretch AS builder
WORKDIR /app
COPY . .
RUN dotnet publish -c Release -o out

FROM mcr.microsoft.com/dotnet/core/aspnet:2.2-stretch-slim
COPY --from=builder /app/out /app/out
WORKDIR /app/out
ENTRYPOINT ["dotnet", "Hello.dll"]
