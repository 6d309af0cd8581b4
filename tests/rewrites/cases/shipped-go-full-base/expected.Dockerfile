FROM golang:1.22-bookworm AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /out/app .

# What ships
FROM gcr.io/distroless/static-debian12
WORKDIR /srv
COPY --from=build /out/app /usr/local/bin/app
EXPOSE 8080
CMD ["app"]
