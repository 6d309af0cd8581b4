FROM golang:1.23-alpine AS builder
# a user that the program runs as
RUN adduser -D app
RUN apk add --no-cache git
ARG VERSION=dev
WORKDIR /go/src/app
ENV CGO_ENABLED=0
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -ldflags "-X main.version=$VERSION" -o bin/server ./cmd/server

FROM alpine:3.22
RUN adduser -D app
RUN apk add --no-cache ca-certificates tzdata
WORKDIR /go/src/app
COPY --from=builder /go/src/app/bin/server /go/src/app/bin/server
COPY --from=builder /go/src/app/web /go/src/app/web
USER app
EXPOSE 8080
ENTRYPOINT ["bin/server"]
