FROM golang:1.23 AS builder
WORKDIR /src
COPY go.mod ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -ldflags="-s -w" -o /usr/local/bin/app .

FROM gcr.io/distroless/static-debian12
WORKDIR /src
COPY --from=builder /usr/local/bin/app /usr/local/bin/app
COPY --from=builder /src/templates /src/templates
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/app"]
