"""The sentences the public sets get wrong, as templates by label.

A slot in braces is filled from `vocabulary`; `{hi}` and `{lo}` are two amounts of the same kind, the first
the larger, `{hi_pct}` and `{lo_pct}` two percentages. Every sentence is our own: none is taken from a
labelled collection.
"""

__all__ = ["TEMPLATES"]

_POSITIVE_FIGURES = """
{who}'s {good} {rose_to} to {hi} {period} from {lo} {ago}
{good} {rose_to} to {hi} {period} from {lo} {ago}
{good} {rose_to} from {lo} to {hi} {period}
{good} {was} {hi} {period}, {versus} {lo} {ago}
{good} {was} {hi}, up from {lo} {ago}
{good} {was} {hi} ({lo}) {period}, up {pct}
{who} said its {good} {rose_to} {pct} to {amount} {period} {reason_up}
{good} {rose} {pct} {period} {reason_up}
{good} {rose} by {pct} to {amount}
{who} {period} posted {good} of {hi}, {versus} {lo} {ago}
{who} reported {good} of {hi}, up from {lo} {ago}
{who} swung to a {profit} of {amount} {period} from a loss of {amount} {ago}
{who} made a profit of {amount} {period} after a loss of {amount} {ago}
{profit} {was} {amount}, {versus} a loss of {amount} {ago}
{who} turned a profit {period} after three years of losses
{loss} narrowed to {lo} {period} from {hi} {ago}
{who}'s {loss} narrowed {period} {reason_up}
{loss} {fell_to} to {lo} from {hi} {ago}
{who} cut its {loss} to {lo} from {hi} {ago}
{who} booked a {loss} of {lo} {period}, {versus} a loss of {hi} {ago}
{loss} shrank to {lo} {versus} {hi} {ago}
{loss} {fell} by {pct} {period}
{bad} {fell} {pct} {period}
{bad} {fell_to} to {lo} from {hi} {ago}
{who} reduced {bad} by {pct} {period}
{volume} {rose} {pct} {period} {reason_up}
{volume} of {who} {rose} {period} {reason_up}
{volume} {rose} in {country} {period}
{who}'s {volume} {rose} in {country}
{sales} in {country} {rose} by {pct} {period}
{profit} {rose} even though {sales} {fell} {pct}
Despite lower {sales}, {profit} {rose_to} to {hi} from {lo}
{who} doubled its {profit} {period}
{who} earned {hi} {period}, {versus} {lo} {ago}
{who} recorded its best quarter ever, with {good} of {amount}
{good} reached a record {amount} {period}
{good} hit an all-time high {period}
{good} exceeded expectations
{good} beat analysts' estimates {period}
{who} beat forecasts with {good} of {hi}; analysts had expected {lo}
{good} of {hi} topped the consensus of {lo}
EPS {was} {per_share}, better than expected
The board proposes to raise the dividend to {per_share} per share
{who} lifts its dividend by {pct}
{who} increased its dividend and announced a share buyback of {amount}
The operating margin improved to {share} {reason_up}
Profitability improved clearly {period}
{who} said profitability improved {period} {reason_up}
Growth was strongest in {country}, where {sales} {rose} by {pct}
Cash flow from operations turned positive {period}
{who} generated strong cash flow {period}
Net debt {fell_to} to {lo} and the equity ratio rose to {share}
The return on equity improved from the previous year
{good} {rose} and the outlook remains good
Market share {rose} to {share} in {country}
{good} was clearly higher than {ago}
{who} achieved a {pct} rise in {good}
A {pct} increase in {good} was reported by {who} {period}
{who} saw {good} grow by {pct} {period}
Compared with {ago}, {good} {rose} by {pct}
{good} {was} {hi} {period}; {ago} it was {lo}
{good} {was} {hi} {period}, while {ago} it was {lo}
While {good} {was} {lo} {ago}, it {was} {hi} {period}
{who} made {good} of {hi} {period}, {diff} more than {ago}
{good}: {hi} ({lo})
{ratio} {was} {hi_pct} {period}, {versus} {lo_pct} {ago}
{ratio} {rose_to} to {hi_pct} from {lo_pct}
{ratio}: {hi_pct} ({lo_pct})
{ratio} widened by {count} basis points
{bad} {was} {lo} {period}, {versus} {hi} {ago}
{bad} {was} {lo}, less than the {hi} of {ago}
{who} set aside less for {bad} than {ago}
{loss} {was} {lo} {period}, {versus} {hi} {ago}
{loss} was smaller than expected
{who} needs fewer hours and less material for each of its {product}
Fewer {product} were returned than {ago}
{who} sold {pct} more {product} {period}
{who} sold more {product} than ever {period}
{sales} grew for the {ordinal} quarter in a row
{who} is back in the black {period}
{who} returned to profit {period}
{who} broke even {period} after years in the red
{who} paid back {amount} of debt {period}
{who} will return {amount} to its shareholders
{who} pays an extra dividend of {per_share} per share
{profit} held up better than feared {period}
Costs have come down and {profit} improved
{sales} per employee {rose} clearly
"""

_POSITIVE_EVENTS = """
{company} has won an order worth {amount} from {customer}
{company} has won a contract to supply {product} to {customer}
{company} wins {amount} order for {product}
{company} received an order worth {amount} for {product} from {country}
{company} secured a {amount} contract with {customer}
{company} has been awarded a contract for {product} in {country}
{company} has been chosen to supply {product} to {customer}
{company} has been selected as the supplier of {product} for {customer}
{company} lands a five-year deal with {customer}
{customer} has ordered {product} worth {amount} from {company}
{company} signed a deal to deliver {product} to {customer}; the order is worth about {amount}
{company} and {customer} have signed an agreement on deliveries of {product}
{company} has signed a letter of intent with {customer} on new {product}
{company} extends its frame agreement with {customer}
{company} renewed its contract with {customer} for three more years
{company} expands its business in {country}
{company} plans to hire {count} people in {city} to meet growing demand
{company} will recruit {count} new employees {period} as orders increase
{company} is creating {count} jobs at its {facility} in {city}
{company} is investing {amount} to double the capacity of its {facility} in {city}
The investment will increase the capacity of the {facility} by {pct}
The acquisition strengthens {company}'s position in {country}
The deal will add {amount} a year to {company}'s earnings
The transaction will have a positive effect on {company}'s result {period}
{company} will book a gain of {amount} on the sale of its {business} business
{company} raised its full-year guidance
{company} lifts its forecast for {good} {period}
{company} raises outlook after strong {ordinal} quarter
{company} now expects {good} to grow by at least {pct}
{who} expects {good} to increase {period}
{who} expects {sales} and {profit} to grow clearly from {ago}
{who} expects demand for {product} to recover {period}
{who} estimates that its {profit} will improve {period}
The outlook for the {business} business is good
The order book is strong and visibility has improved
Demand for {product} has picked up in {country}
Demand remained strong {period}
{company} no longer expects a loss {period}
{company} has recovered faster than expected
{company} avoided job cuts thanks to new orders
{company} has settled the dispute with {customer} on favourable terms
The court dismissed all claims against {company}
{company} received approval for its new drug in {country}
Regulators approved {company}'s takeover of its rival
{company} launches the market's first energy-saving {product}
With the new system {customer} expects to save {amount} a year
The new technology cuts energy use by {pct} and improves efficiency
The cooperation gives {company} access to new markets in {country}
We are very pleased with the result, said {person}, {title} of {company}
{person}, {title}, said the company is well placed for growth
{company} has overtaken its rivals to become the market leader in {product}
{company} was named the best employer in {country}
{company} repaid its loans ahead of schedule
The credit rating of {company} was upgraded
Analysts upgraded {company} to buy from hold
{company} upgraded to buy, target raised to {target}
{ticker} upgraded to overweight; price target lifted to {target}
{company} shares {rose} {pct} after the results
Shares of {company} {rose} {pct} to a five-year high
{company} shares closed {pct} higher in {city}
The share price {rose} {pct} on the news
{city} stocks ended higher, with {company} up {pct}
{ticker} beats by {cents}, beats on revenue
The restructuring is bearing fruit: costs are down {pct}
The savings programme will improve annual earnings by {amount}
The bankruptcy petition against {company} was withdrawn
The strike at {company} has ended and production is back to normal
{customer} chose {company} over its rivals
{customer} takes {company}'s {product} into use in all its sites
{company} beat two rivals to the contract for {product}
{company} won the tender for {product} in {country}
{company} opens up the market in {country} with its {product}
The order keeps the {facility} in {city} busy until {year}
The {facility} in {city} runs at full capacity
The {facility} in {city} adds a shift because of strong demand
The {facility} was ready ahead of schedule and under budget
The project is ahead of schedule
The new {facility} started up without a hitch
{company} cannot keep up with demand for its {product}
Customers are coming back, said {person}, {title}
{person}, {title}, sees orders picking up in all markets
{company}'s new {product} sold out within weeks
{company} solved the quality problems of its {product}
Complaints about {product} have halved
The new {product} use {pct} less energy than the old ones
With the software a bank handles loans {pct} faster
Customers of {company} save time and money with the service
Savings come faster than planned
The merger saves {amount} a year from {year}
The takeover pays off sooner than planned
{company} secures {amount} of new funding
Banks extend {company}'s credit line on better terms
{company} has received all permits for its {facility}
The authorities approved {company}'s {facility} in {city}
The regulator closed its investigation of {company} without a penalty
{company} won the patent case against {company}
The ban on {product} from {country} was lifted
Tariffs on {product} are abolished, which helps {company}
{company}'s drug met the main goal of the trial
{company} now expects its margin at the upper end of the range
{company} is confident that it will exceed its targets
Analysts raised their estimates for {company}
{company}'s credit outlook was raised to positive
Investors cheered the figures of {company}
{company} jumped {pct} to a record
{company} leads the gainers in {city}
{company} gained market share in all categories
{company} keeps more of its customers than {ago}
The workers of {company} ended their strike
The weak currency helps {company}'s exports
Raw materials became cheaper, which supports margins
"""

_NEGATIVE_FIGURES = """
{who}'s {good} {fell_to} to {lo} {period} from {hi} {ago}
{good} {fell_to} to {lo} {period} from {hi} {ago}
{good} {fell_to} from {hi} to {lo} {period}
{good} {was} {lo} {period}, {versus} {hi} {ago}
{good} {was} {lo}, down from {hi} {ago}
{good} {was} {lo} ({hi}) {period}, down {pct}
{who} said its {good} {fell_to} {pct} to {amount} {period} {reason_down}
{good} {fell} {pct} {period} {reason_down}
{good} {fell} by {pct} to {amount}
{who} {period} posted {good} of {lo}, {versus} {hi} {ago}
{who} reported {good} of {lo}, down from {hi} {ago}
{who} swung to a {loss} of {amount} {period} from a profit of {amount} {ago}
{who} made a loss of {amount} {period}, {versus} a profit of {amount} {ago}
{profit} turned into a loss of {amount}, {versus} a profit of {amount} {ago}
{who} slipped into the red {period} {reason_down}
{loss} widened to {hi} {period} from {lo} {ago}
{who}'s {loss} widened {period} {reason_down}
{loss} {rose_to} to {hi} from {lo} {ago}
{who} booked a {loss} of {hi} {period}, {versus} a loss of {lo} {ago}
{who} recorded a {loss} of {amount} {period}
{loss} deepened to {hi} {versus} {lo} {ago}
{loss} {rose} by {pct} {period}
{bad} {rose} {pct} {period}
{bad} {rose_to} to {hi} from {lo} {ago}
{who}'s {bad} {rose} by {pct} {period}
{volume} {fell} {pct} {period} {reason_down}
{volume} of {who} {fell} {period} {reason_down}
{volume} {fell} in {country} {period}
{who}'s {volume} {fell} in {country}
{sales} in {country} {fell} by {pct} {period}
{profit} {fell} even though {sales} {rose} {pct}
Despite higher {sales}, {profit} {fell_to} to {lo} from {hi}
{who}'s {profit} halved {period}
{who} earned {lo} {period}, {versus} {hi} {ago}
{who} recorded its worst quarter in ten years, with a {loss} of {amount}
{good} fell to a record low {period}
{good} missed expectations
{good} fell short of analysts' estimates {period}
{who} missed forecasts with {good} of {lo}; analysts had expected {hi}
{good} of {lo} was below the consensus of {hi}
EPS {was} {per_share}, worse than expected
The board proposes to cut the dividend to {per_share} per share
{who} will pay no dividend {period} because of the weak result
{who} suspends its dividend to save cash
The operating margin weakened to {share} {reason_down}
Profitability weakened clearly {period}
{who} said profitability suffered {period} {reason_down}
The decline was steepest in {country}, where {sales} {fell} by {pct}
Cash flow from operations turned negative {period}
{who} burned through {amount} of cash {period}
Net debt {rose_to} to {hi} and the equity ratio fell to {share}
The return on equity was down from the previous year
{good} {fell} and the outlook remains uncertain
Market share {fell} to {share} in {country}
{good} was clearly lower than {ago}
{who} suffered a {pct} fall in {good}
A {pct} decrease in {good} was reported by {who} {period}
{who} saw {good} shrink by {pct} {period}
Compared with {ago}, {good} {fell} by {pct}
{good} {was} {lo} {period}; {ago} it was {hi}
{good} {was} {lo} {period}, while {ago} it was {hi}
While {good} {was} {hi} {ago}, it {was} {lo} {period}
{who} made {good} of {lo} {period}, {diff} less than {ago}
{good}: {lo} ({hi})
{ratio} {was} {lo_pct} {period}, {versus} {hi_pct} {ago}
{ratio} {fell_to} to {lo_pct} from {hi_pct}
{ratio}: {lo_pct} ({hi_pct})
{ratio} narrowed by {count} basis points
{bad} {was} {hi} {period}, {versus} {lo} {ago}
{bad} {was} {hi}, more than the {lo} of {ago}
{who} set aside more for {bad} than {ago}
{loss} {was} {hi} {period}, {versus} {lo} {ago}
{loss} was larger than expected
{who} needs more hours and more material for each of its {product}
More {product} were returned than {ago}
{who} sold {pct} less {product} {period}
{who} sold fewer {product} than in any year since {year}
{sales} shrank for the {ordinal} quarter in a row
{who} is in the red {period}
{who} remained in the red {period}
{who} has not made a profit since {year}
{who} had to borrow {amount} to pay its bills
{who} will ask its shareholders for {amount} to cover the losses
{who} pays no dividend {period}
{profit} was not enough to cover the interest
Costs got out of hand and {profit} suffered
{sales} per employee {fell} clearly
"""

_NEGATIVE_EVENTS = """
{company} issued a profit warning
{company} warned that {good} will fall short of its target {period}
{company} cut its full-year guidance
{company} lowers its forecast for {good} {period}
{company} withdraws its outlook amid uncertainty
{company} now expects {good} to decline by {pct}
{who} expects {good} to decrease {period}
{who} expects a loss {period}
{who} expects {sales} and {profit} to be clearly below {ago}
{who} expects demand for {product} to weaken further {period}
The outlook for the {business} business is poor
The order book is thin and visibility is low
Demand for {product} has weakened in {country}
Demand remained weak {period}
{company} will cut {count} jobs in {city}
{company} is to lay off {count} workers at its {facility} in {city}
{company} starts negotiations on the reduction of up to {count} employees
{company} will temporarily lay off {count} people because of a lack of orders
The layoffs affect {count} employees in {country}
{company} closes its {facility} in {city}; {count} employees lose their jobs
Production at the {facility} in {city} will be stopped for six weeks {reason_down}
{company} postpones the investment in its {facility} in {city}
{company} lost its contract with {customer}
{customer} cancelled its order for {product} worth {amount}
{company} terminated the agreement after {customer} failed to pay
The delivery of {product} to {customer} is delayed by several months
{company} will write down {amount} of goodwill
{company} books an impairment charge of {amount} on its {business} business
The transaction will have a negative effect on {company}'s result {period}
{company} will book a loss of {amount} on the sale of its {business} business
{company} recalls {count} vehicles because of faulty brakes
{company} recalls {product} after reports of fire
{company} was fined {amount} for price fixing
{company} is being investigated by regulators over its accounting
{company} is sued for {amount} by {customer}
{company} faces a lawsuit over {product}
{company} has filed for bankruptcy
{company} is in breach of its loan covenants
{company} may run out of cash {period}
{company} defaulted on a bond payment
{company} was hit by a strike at its {facility} in {city}
A fire destroyed part of {company}'s {facility} in {city}
Talks on the takeover of {company} have collapsed
The regulator rejected {company}'s new drug
{person}, {title} of {company}, resigned after the accounting scandal
We are disappointed with the result, said {person}, {title} of {company}
{person}, {title}, said market conditions are very difficult
Competition has tightened and prices have fallen in {country}
Rising raw material prices are eating into margins
The strong currency hurts exports of {product}
{company} did not reach its targets {period}
{company} did not meet expectations {period}
{company} failed to return to profit {period}
{company} is losing customers to cheaper rivals
The credit rating of {company} was downgraded
Analysts downgraded {company} to sell from hold
{company} downgraded to hold, target cut to {target}
{ticker} downgraded to underweight; price target lowered to {target}
{company} shares {fell} {pct} after the results
Shares of {company} {fell} {pct} to a five-year low
{company} shares closed {pct} lower in {city}
The share price {fell} {pct} on the news
{city} stocks ended lower, with {company} down {pct}
{ticker} misses by {cents}, misses on revenue
The restructuring will cost {amount}, more than planned
Unions threaten to strike at {company}'s {facility} in {city}
{customer} chose a rival over {company}
{customer} stops using {company}'s {product}
{company} lost the tender for {product} in {country}
{company} is shut out of the market in {country}
The {facility} in {city} stands idle for lack of orders
The {facility} in {city} drops a shift because of weak demand
The {facility} will be ready a year late and over budget
The project is behind schedule
The new {facility} had to be stopped after a fault
{company} cannot sell its {product} and stocks pile up
Customers are holding back, said {person}, {title}
{person}, {title}, sees orders drying up in all markets
{company}'s new {product} did not sell as hoped
{company} struggles with the quality of its {product}
Complaints about {product} have doubled
The new {product} break down more often than the old ones
A fault in the software stopped payments for two days
Customers of {company} complain of delays and high prices
Savings come slower than planned
The merger costs {amount} more than planned
The takeover turns out to be a costly mistake
{company} is running out of money
Banks refuse to extend {company}'s credit line
{company} was refused the permit for its {facility}
The authorities withdrew the permit of {company}'s {facility} in {city}
The regulator imposed a penalty on {company}
{company} lost the patent case against {company}
{country} bans {product} made by {company}
Tariffs on {product} were raised, which hurts {company}
{company}'s drug failed in the trial
{company} now expects its margin at the lower end of the range
{company} no longer expects to reach its targets
Analysts cut their estimates for {company}
{company}'s credit outlook was lowered to negative
Investors were let down by the figures of {company}
{company} plunged {pct} to a record low
{company} leads the losers in {city}
{company} lost market share in all categories
{company} loses more customers than {ago}
The workers of {company} walked out
The strong currency eats into {company}'s exports
Raw materials became dearer, which squeezes margins
{company} asks the state for help
Prosecutors searched the offices of {company}
{person}, {title}, quits after the losses
{count} employees of {company} are put on unpaid leave
"""

_NEUTRAL_FIGURES = """
{good} {was} {amount} {period}
{company} had {sales} of {amount} {period}
{company} has annual {sales} of about {amount} and employs {count} people
In {year}, {company} had {sales} of {amount} and {count} employees
{company} employs {count} people in {country}
The group has {count} employees in {count} countries
{sales} of the {business} division {was} {amount} {period}
The value of the contract was not disclosed
The value of the transaction is {amount}
The purchase price was {amount} in cash
The parties have agreed not to disclose the price
The total cost of the {facility} is estimated at {amount}
The {facility} has a floor area of {area}
The building has {area} of office space and {count} parking places
{company}'s share capital is {amount}, divided into {count} shares
The total number of shares and votes is {count}
{company} holds {share} of the shares and votes of {company}
After the transaction {company} owns {share} of {company}
{company}'s holding in {company} fell below the threshold of {share}
{company} now holds {count} of its own shares
{company} bought {count} own shares at an average price of {per_share}
The subscription price is {per_share} per share
{count} shares were subscribed for with the stock options
The new shares were entered in the trade register on {day} {month}
The dividend will be paid on {day} {month} {year}
The record date for the dividend is {day} {month}
The board proposes a dividend of {per_share} per share
The bond has a maturity of five years and a nominal value of {amount}
The loan of {amount} falls due in {year}
{company} issued a bond of {amount}
{sales} were unchanged at {amount}
{good} remained at the level of {ago}
{good} was on a par with {ago}
{good} was flat {period}
{who} expects {good} to remain at the level of {ago}
{company} repeats its guidance for {year}
{company} expects {good} of {amount} to {amount} {period}
Capital expenditure {was} {amount} {period}
The comparison figure {ago} was {amount}
Figures in brackets refer to the corresponding period in {year}
{company} shares traded at {per_share} in {city}
The share closed unchanged at {per_share}
Financial terms were not disclosed
The fee is {pct} of the value of the order
{good}: {amount}
{ratio} {was} {lo_pct} {period}
{ratio} was unchanged at {lo_pct}
{company}'s largest owner holds {share} of the votes
The stake of {company} in {company} is now {share}
{company} paid {amount} for the business
The payment of {amount} is made in two instalments
The shares were sold at {per_share} each
The closing price was {per_share}
Interest of {pct} is paid once a year
The {facility} will have {count} rooms and {count} parking places
The study covers {count} patients in {count} countries
The division has {count} employees, most of them in {city}
The financial year ends on {day} {month}
The forecast for {year} remains unchanged
{company} keeps its dividend at {per_share}
{good} {was} the same as {ago}
The contract is for {count} {product}
The central bank left its key rate at {lo_pct}
The base price of the option is {per_share}
"""

_NEUTRAL_EVENTS = """
{company} is based in {city}
{company} is a {business} company listed in {city}
{company} makes {product} and has customers in {country} and {country}
{company} is a supplier of {product} to the {business} industry
{company} operates in {count} countries
{company} was founded in {year}
{company} is part of the {business} group {company}
{company} has offices in {city}, {city} and {city}
The company's shares are listed on the stock exchange in {city}
{company} will publish its interim report on {day} {month} {year}
{company} will hold its annual general meeting on {day} {month} in {city}
{company} will hold a press conference at 10 a.m. in {city}
The annual report is available on the company's website
The report will be published in {month}
The annual general meeting elected {person} to the board
{person} has been appointed {title} of {company}
{company} appoints {person} as {title}
{person} will start as {title} on {day} {month}
{person}, {title}, will retire in {year}
{person} previously worked as {title} at {company}
The board consists of seven members, with {person} as chairman
The meeting authorised the board to decide on the acquisition of own shares
{company} changes its name to {company}
{company} moves its headquarters from {city} to {city}
{company} has acquired {share} of {company} from {company}
{company} buys the {business} business of {company}
{company} sells its {business} business to {company}
{company} has agreed to sell its {facility} in {city}
The acquisition is expected to be completed in {month}
The deal is subject to approval by the competition authorities
The closing of the transaction is expected {period}
{company} and {company} are in talks about a merger
The construction of the {facility} starts in {month} and is to be completed in {year}
The {facility} will be located in {city}, {country}
The {facility} in {city} will be ready in {month} {year}
The delivery takes place in {month} {year}
The deliveries start in {month} and end in {year}
The contract covers the delivery and installation of {product}
The agreement is for three years with an option for two more
The order includes {product} and maintenance services
{company} is considering its options for the {business} business
{company} is studying the possibility of building a {facility} in {country}
{company} presents its new {product} at a trade fair in {city}
{product} are used in the {business} industry
The new {product} will be available in {month}
{company} publishes a magazine for its customers
{company} has three divisions: {business}, {business} and {business}
The {business} division makes {product}
{company} reorganises into {count} business areas
The reporting segments will change from the beginning of {year}
{company} adopts the IFRS standards from {year}
The remaining shares are held by {company} and the management
The auditor is {person}
The transfer is part of an arrangement within the group
{company} and {company} own equal shares of the joint venture
The employees of {company} will transfer to {company}
{company} also has operations in {country} and {country}
Analysts rate {company} hold with a target of {target}
{company} kept at neutral, target unchanged at {target}
{person} of {company} declined to comment
The central bank is to announce its decision on {day} {month}
Trading in the share starts on {day} {month} in {city}
What investors should know about {company} before its results
{ticker}: earnings call transcript for the {ordinal} quarter
Five things to watch in the markets this week
For more information contact {person}, {title}, {company}
The forecast is based on the order book and the present outlook
Investments {period} were mainly in {product}
The customer will use the {product} in {city}
The market for {product} in {country} is estimated at {amount}
{person} has been {title} since {year}
{person} will present the figures at 11 a.m.
{person} is also a member of the board of {company}
The board met to discuss the offer
The nomination committee consists of four members
{company} did not say how much it paid
{company} did not name the buyer
The name of the new company will be decided later
{company} buys the remaining shares of its unit in {country}
The former owners keep a fifth of the shares
{company} and {company} will merge their units in {country}
The closing of the deal is planned for the end of {month}
The {facility} replaces the one built in {year}
The {facility} in {city} was built in {year}
The {facility} makes {product} for customers in {country}
The system consists of a server and sensors
The service is available in {country} and {country}
{product} are sold through dealers and online
{product} of {company} are used in homes and offices
The agreement concerns the maintenance of {product}
The agreement includes training of the staff
The parties signed the agreement in {city} on {day} {month}
The statement was sent to the exchange on {day} {month}
The prospectus can be read on the website
{company} also publishes its figures in Swedish and English
{company} is owned by two foundations and a fund
{company} belongs to a family from {city}
{company} is the parent company of the group
{company} is reviewing where to place its {facility}
{company} plans a new logo and a new website
{company} rents {area} of office space in {city}
The apartments will be ready in {month} {year}
The ships sail between {city} and {city}
The competition authority is handling the matter
The decision will be made in {month}
Shareholders vote on the proposal on {day} {month}
The fund invests in companies in {country}
The exchange in {city} was closed for a holiday
Investors wait for the decision of the central bank
Markets in {city} opened little changed
"""


def _lines(*texts: str) -> tuple[str, ...]:
    return tuple(line for text in texts for line in text.strip().splitlines())


TEMPLATES: dict[str, tuple[tuple[str, ...], ...]] = {
    "positive": (_lines(_POSITIVE_FIGURES), _lines(_POSITIVE_EVENTS)),
    "neutral": (_lines(_NEUTRAL_FIGURES), _lines(_NEUTRAL_EVENTS)),
    "negative": (_lines(_NEGATIVE_FIGURES), _lines(_NEGATIVE_EVENTS)),
}
"""For each label the templates about figures and those about events, drawn from with equal weight."""
