import io, resource, time, sys
from tests.planillas.test_own_xlsx import plain_book
from tests.planillas.own import sheet, SOURCE
from planillas import own_files, cells
from planillas.cells import Evidence
from documents.places import Page
from planillas.columns import Column, Kind
import xlsxwriter
def run(rows, cols, fmt="xlsx", with_sources=True):
    columns=tuple(Column(f"dato_{n}", f"Dato {n}", Kind.INTEGER if n%3==0 else Kind.TEXT) for n in range(cols))
    seen=own_files.recognise(plain_book([[f"Dato {n}" for n in range(cols)]]),"x.xlsx")
    ev=[Evidence(SOURCE,1,Page(1),"dice esto y aquello")]
    def each():
        for r in range(rows):
            yield {f"dato_{n}": cells.found(r if n%3==0 else f"valor {r} {n}", ev, confidence=1.0) for n in range(cols)}
    s=sheet(columns,[]); object.__setattr__(s,"count",rows)
    object.__setattr__(s,"rows",each)
    if not with_sources: object.__setattr__(s,"sources",{})
    t=time.perf_counter(); 
    for _ in each(): pass
    t0=time.perf_counter()-t
    t=time.perf_counter(); m=own_files.fill(seen.content,seen.layout,s); t1=time.perf_counter()-t
    print(f"{rows}x{cols} sources={with_sources} fill {t1:.1f}s of which making rows {t0:.1f}s, {len(m)/1e6:.1f} MB, peak RSS {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024:.0f} MB")
def test_x():
    print()
    run(10,2)
    run(10000,20); run(10000,20,with_sources=False)
    out=io.BytesIO(); t=time.perf_counter()
    b=xlsxwriter.Workbook(out,{"in_memory":False}); w=b.add_worksheet()
    for r in range(10000):
        for n in range(20):
            if n%3==0: w.write_number(r,n,r)
            else: w.write_string(r,n,f"valor {r} {n}")
    b.close(); print("xlsxwriter", time.perf_counter()-t)
    run(100000,60,with_sources=False)
