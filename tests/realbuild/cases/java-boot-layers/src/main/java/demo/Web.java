package demo;

import com.sun.net.httpserver.HttpServer;
import greet.Greeting;
import java.net.InetSocketAddress;

public class Web {
    public static void main(String[] arguments) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(8080), 0);
        server.createContext("/", exchange -> {
            boolean home = exchange.getRequestURI().getPath().equals("/");
            byte[] body = (home ? Greeting.of("layers") : "nothing here").getBytes();
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(home ? 200 : 404, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
