#!/bin/sh
echo starting
exec dotnet publish/Shop.dll "$@"
