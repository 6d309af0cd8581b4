require "bundler/setup"
require "digest"
require "rake"
require "yaml"

PORT = 3000

def answer(path)
  case path
  when "/" then ["200 OK", "#{ENV["GREETING"]} #{Rake::VERSION} #{YAML.dump([1])} #{Digest::SHA256.hexdigest("x")}\n"]
  when "/app.js" then ["200 OK", File.read("public/app.js")]
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
