import markupsafe

with open("static/app.js") as script:
    print(markupsafe.escape(script.read()))
