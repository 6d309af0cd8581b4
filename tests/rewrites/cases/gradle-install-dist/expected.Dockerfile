FROM gradle:8.10-jdk21-alpine AS builder
WORKDIR /app
COPY . .
RUN gradle installDist --no-daemon

FROM eclipse-temurin:21-jre-alpine
WORKDIR /app
COPY --from=builder /app/build/install/greeter /app/build/install/greeter
COPY --from=builder /app/data /app/data
ENTRYPOINT ["./build/install/greeter/bin/greeter"]
CMD ["--port", "9000"]
