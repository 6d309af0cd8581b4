require "ourbinding/ourbinding"
