# Turns what was shown on a terminal into a picture. Knows the few escapes that
# dodev uses: bold, dim and the colours 31 to 36.

BEGIN {
	colour["31"] = "#f47067"
	colour["32"] = "#57ab5a"
	colour["33"] = "#daaa3f"
	colour["36"] = "#39c5cf"
	high = 19
	rows = 0
	widest = 0
}

{
	gsub(/\r/, "")
	gsub(/\033\[[0-9;?]*[A-HJKSThlnsu]/, "")
	if ($0 ~ /^Script (started|done) /) next
	if (rows == 0 && $0 == "") next
	line[++rows] = $0
}

END {
	while (rows > 0 && line[rows] == "") rows--
	body = ""
	for (n = 1; n <= rows; n++) body = body row(line[n], 34 + n * high)
	width = 40 + int(widest * 8.43)
	height = 50 + rows * high
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"dodev serve in a terminal\">\n", width, height, width, height
	printf "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#1c2128\"/>\n", width, height
	for (n = 0; n < 3; n++) printf "<circle cx=\"%d\" cy=\"18\" r=\"5\" fill=\"#444c56\"/>\n", 20 + n * 17
	printf "<g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, monospace\" font-size=\"14\" fill=\"#adbac7\">\n%s</g>\n</svg>\n", body
}

# row draws a line: a text with a span for each change of style.
function row(text, y,    out, at, style, piece, column) {
	out = ""
	style = ""
	column = 0
	while (text != "") {
		if (match(text, /^\033\[[0-9;]*m/)) {
			style = restyle(style, substr(text, 3, RLENGTH - 3))
			text = substr(text, RLENGTH + 1)
			continue
		}
		at = index(text, "\033")
		piece = at ? substr(text, 1, at - 1) : text
		text = at ? substr(text, at) : ""
		column += length(piece)
		out = out (style == "" ? escape(piece) : "<tspan" style ">" escape(piece) "</tspan>")
	}
	if (column > widest) widest = column
	return column == 0 ? "" : "<text x=\"20\" y=\"" y "\">" out "</text>\n"
}

function restyle(style, code) {
	if (code == "0" || code == "") return ""
	if (code == "1") return style " font-weight=\"bold\" fill=\"#ffffff\""
	if (code == "2") return style " fill=\"#768390\""
	return code in colour ? style " fill=\"" colour[code] "\"" : style
}

function escape(text) {
	gsub(/&/, "\\&amp;", text)
	gsub(/</, "\\&lt;", text)
	gsub(/>/, "\\&gt;", text)
	gsub(/ /, "\\&#160;", text) # viewers fold plain ones
	return text
}
