FROM mcr.microsoft.com/dotnet/sdk:8.0 AS builder
WORKDIR /app
# dependencies first
COPY Shop.csproj .
RUN dotnet restore
COPY . .
RUN dotnet publish -c Release -o out --no-restore

FROM mcr.microsoft.com/dotnet/aspnet:8.0
WORKDIR /app
COPY --from=builder /app/out /app/out
COPY --from=builder /app/appsettings.json /app/appsettings.json
COPY --from=builder /app/wwwroot /app/wwwroot
ENV ASPNETCORE_ENVIRONMENT=Production
EXPOSE 8080
ENTRYPOINT ["dotnet", "out/Shop.dll"]
