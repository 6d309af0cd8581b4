dotnet ef database update
exec dotnet out/Shop.dll
