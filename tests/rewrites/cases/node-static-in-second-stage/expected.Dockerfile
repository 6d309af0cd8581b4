# Build
FROM node:20-alpine AS build
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
RUN npm run build

# Serve
FROM nginx:alpine
WORKDIR /srv
# the file server
RUN printf 'server {\n    listen 3000;\n    root /srv/site;\n    location / {\n        try_files $uri $uri.html $uri/ /index.html;\n    }\n}\n' > /etc/nginx/conf.d/default.conf
COPY --from=build /app/dist ./site
EXPOSE 3000
CMD ["nginx", "-g", "daemon off;"]
