FROM mcr.microsoft.com/dotnet/sdk:9.0 AS builder
RUN dotnet tool install --global dotnet-ef
ENV PATH="$PATH:/root/.dotnet/tools"
WORKDIR /app
COPY . .
RUN dotnet publish -c Release -o /srv

FROM mcr.microsoft.com/dotnet/aspnet:9.0
ENV PATH="$PATH:/root/.dotnet/tools"
COPY --from=builder /srv /srv
WORKDIR /srv
CMD ["dotnet", "Shop.dll"]
