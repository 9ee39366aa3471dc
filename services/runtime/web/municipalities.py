"""Sweden's municipalities that are written with å, ä or ö; their codes are not.

Names as Statistics Sweden lists them (2025). Håbo is left out: its code would be that of Habo.
"""

from __future__ import annotations

from typing import Final

_LISTED: Final = """
Alingsås, Bollnäs, Borlänge, Borås, Bromölla, Bräcke, Burlöv, Båstad, Ekerö, Eksjö, Enköping, Eslöv,
Falköping, Finspång, Färgelanda, Gnosjö, Grästorp, Gullspång, Gällivare, Gävle, Göteborg, Götene,
Hammarö, Hällefors, Härjedalen, Härnösand, Härryda, Hässleholm, Höganäs, Högsby, Hörby, Höör,
Järfälla, Jönköping, Kungsör, Kungälv, Kävlinge, Köping, Laxå, Lidingö, Lidköping, Linköping, Luleå,
Malmö, Malung-Sälen, Malå, Mjölby, Mullsjö, Mölndal, Mönsterås, Mörbylånga, Norrköping, Norrtälje,
Norsjö, Nyköping, Nynäshamn, Nässjö, Olofström, Ovanåker, Oxelösund, Piteå, Rättvik, Sjöbo,
Skellefteå, Skövde, Sollefteå, Sotenäs, Strängnäs, Strömstad, Strömsund, Svalöv, Säffle, Säter,
Sävsjö, Söderhamn, Söderköping, Södertälje, Sölvesborg, Timrå, Tjörn, Torsås, Tranås, Trollhättan,
Tyresö, Täby, Töreboda, Umeå, Upplands Väsby, Vingåker, Vårgårda, Vänersborg, Vännäs, Värmdö,
Värnamo, Västervik, Västerås, Växjö, Åmål, Ånge, Åre, Årjäng, Åsele, Åstorp, Åtvidaberg, Älmhult,
Älvdalen, Älvkarleby, Älvsbyn, Ängelholm, Öckerö, Ödeshög, Örebro, Örkelljunga, Örnsköldsvik,
Östersund, Österåker, Östhammar, Östra Göinge, Överkalix, Övertorneå
"""
MUNICIPALITIES: Final = " ".join(_LISTED.split()).split(", ")
