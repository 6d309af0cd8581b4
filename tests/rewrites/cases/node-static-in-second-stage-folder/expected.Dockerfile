FROM node:20 AS builder
WORKDIR /build
COPY ./ ./
RUN npm install
RUN npm run-script build

FROM nginx:alpine
EXPOSE 8080
RUN mkdir /app
COPY --from=builder /build/build/ /app/build/
WORKDIR /app
RUN printf 'server {\n    listen 8080;\n    root /app/build;\n    location / {\n        try_files $uri $uri.html $uri/ /index.html;\n    }\n}\n' > /etc/nginx/conf.d/default.conf
CMD ["nginx", "-g", "daemon off;"]
