require "xmlname"

puts XmlName.root(File.read(ARGV[0])), Process.uid, File.stat(".").uid, File.stat("vendor/bundle").uid
