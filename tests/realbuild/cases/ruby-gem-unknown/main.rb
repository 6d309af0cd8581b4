require "ourbinding"
