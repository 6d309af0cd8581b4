require "bundler/setup"
require "pgclient"

PORT = 9292

def answer(path)
  case path
  when "/" then ["200 OK", "libpq #{PgClient.version} #{ENV["RACK_ENV"]} #{Dir.exist?("tmp")}\n"]
  when "/database" then ["200 OK", PgClient.connect("host=127.0.0.1 connect_timeout=1")]
  else ["404 Not Found", "nothing at #{path}\n"]
  end
end

require "socket"

server = TCPServer.new("0.0.0.0", PORT)
trap("TERM") { exit }
loop do
  client = server.accept
  path = client.gets.to_s.split[1].to_s
  while (line = client.gets) && line != "\r\n"; end
  status, body = answer(path)
  client.write "HTTP/1.1 #{status}\r\nContent-Type: text/plain\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}"
  client.close
end
