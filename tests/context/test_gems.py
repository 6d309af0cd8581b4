"""Gemfile and Gemfile.lock: gems, what they need, groups; nothing raises."""

from __future__ import annotations

from slimstage.context import DictContext
from slimstage.context.gems import groups_of_gems, read_gemfile_lock

LOCK = """\
GIT
  remote: https://example.org/own.git
  revision: 1
  specs:
    own (0.1)
      pg (~> 1)

PATH
  remote: engines/shop
  specs:
    shop (1.0)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.18.6-arm64-darwin)
      racc (~> 1.4)
    nokogiri (1.18.6-x86_64-linux-gnu)
      racc (~> 1.4)
    pg (1.5.6)
    racc (1.8.1)
    rspec (3.13.0)
    ffi (1.17.1-arm64-darwin)

PLATFORMS
  ruby

DEPENDENCIES
  own!
  nokogiri (~> 1.18)
  rspec

BUNDLED WITH
   2.5.6
"""
GEMFILE = """\
source "https://rubygems.org"
gem "rails", "~> 8.0"
gem 'debug', groups: %i[x], platforms: :mri, group: :development
gem "rubocop", require: false, groups: [:development, :test]
group :development, :test do
  gem "rspec"
  platforms :ruby do
    gem "byebug"
  end
end
# gem "commented"
if ENV["EXTRA"]
  gem "extra"
end
gem "after"
"""


def test_lock() -> None:
    found = read_gemfile_lock(DictContext({"Gemfile.lock": LOCK}))
    assert found is not None
    assert set(found.gems) == {"own", "shop", "nokogiri", "pg", "racc", "rspec", "ffi"}
    assert found.direct == ("own", "nokogiri", "rspec")
    assert found.local
    assert found.reach(["own"]) == {"own", "pg"}
    assert found.reach(["nokogiri", "absent"]) == {"nokogiri", "racc"}
    assert {name for name, gem in found.gems.items() if gem.built} == {"nokogiri"}  # a Mac's ffi does not help


def test_groups() -> None:
    groups = groups_of_gems(DictContext({"Gemfile": GEMFILE}))
    assert groups["rails"] == groups["extra"] == groups["after"] == {"default"}
    assert groups["rspec"] == groups["byebug"] == groups["rubocop"] == {"development", "test"}
    assert groups["debug"] == {"development"}
    assert "commented" not in groups


def test_absent_or_broken() -> None:
    assert read_gemfile_lock(DictContext({})) is None
    assert groups_of_gems(DictContext({})) == {}
    broken = read_gemfile_lock(DictContext({"Gemfile.lock": "<<<<<<<\n      need\n    x (\nDEPENDENCIES\n ?"}))
    assert broken is not None
    assert not broken.gems
    assert groups_of_gems(DictContext({"Gemfile": "end\nend\ngem\ngroup do do"})) == {}
