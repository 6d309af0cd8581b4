<?php

namespace OwnChecker;

class Checker
{
}
