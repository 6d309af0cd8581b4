require "xmlname/xmlname"
